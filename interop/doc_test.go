// Package interop_test runs Fairlead against servers that others wrote. Each
// test starts its server on loopback and stops it. A program that is missing is
// a skipped test, but a failure where the environment variable CI is set.
package interop_test
