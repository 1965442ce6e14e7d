package oauth

// Forget makes the next introspection ask the engine.
func (c *Clients) Forget() { c.revocations.Add(1) }
