package main

import "context"

// inOrder does n pieces of work, up to parallel of them at once, and hands their
// results to take one after the other in the order of the pieces. The first
// error of either ends it: what has not begun then is not done.
func inOrder[T any](ctx context.Context, n, parallel int, work func(context.Context, int) (T, error), take func(int, T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	pending := make(chan chan result, parallel-1) // with the one that take waits for, parallel
	go func() {
		defer close(pending)
		for i := range n {
			done := make(chan result, 1)
			select {
			case pending <- done:
			case <-ctx.Done():
				return
			}
			go func() {
				value, err := work(ctx, i)
				done <- result{value, err}
			}()
		}
	}()
	i := 0
	for done := range pending {
		r := <-done
		if r.err != nil {
			return r.err
		}
		if err := take(i, r.value); err != nil {
			return err
		}
		i++
	}
	return ctx.Err()
}
