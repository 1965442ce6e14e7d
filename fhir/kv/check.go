package kv

// CheckKey returns ErrEmpty or ErrTooLarge for a key outside the contract.
// Engines call it in Get, Put and Delete, so that all refuse the same keys.
func CheckKey(key []byte) error {
	switch n := len(key); {
	case n == 0:
		return ErrEmpty
	case n > MaxKey:
		return ErrTooLarge
	}
	return nil
}

// CheckEntry returns ErrEmpty or ErrTooLarge for a key or value outside the
// contract. Engines call it in Put.
func CheckEntry(key, value []byte) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	switch n := len(value); {
	case n == 0:
		return ErrEmpty
	case n > MaxValue:
		return ErrTooLarge
	}
	return nil
}
