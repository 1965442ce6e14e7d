// Package cordee is the root of the module. It holds no code; the command is in
// cmd/cordee, and README.md says where everything else is.
package cordee
