// Package resttest holds what tests of several packages need of the API: the
// check that every error a package makes is documented. It tests no interaction.
package resttest
