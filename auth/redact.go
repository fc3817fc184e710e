package auth

import (
	"fmt"
	"io"
)

// Credentials end up in logs with the configuration that they are part of.
// Format answers every verb of package fmt, MarshalText answers log/slog and
// encoding/json; both with the name of the type and nothing else.

func hide(s fmt.State, name string) { _, _ = io.WriteString(s, name+"(hidden)") }

// Format prints no secret.
func (Basic) Format(s fmt.State, _ rune) { hide(s, "auth.Basic") }

// MarshalText shows no secret.
func (Basic) MarshalText() ([]byte, error) { return []byte("auth.Basic(hidden)"), nil }

// Format prints no secret.
func (Bearer) Format(s fmt.State, _ rune) { hide(s, "auth.Bearer") }

// MarshalText shows no secret.
func (Bearer) MarshalText() ([]byte, error) { return []byte("auth.Bearer(hidden)"), nil }

// Format prints no secret.
func (Digest) Format(s fmt.State, _ rune) { hide(s, "auth.Digest") }

// MarshalText shows no secret.
func (Digest) MarshalText() ([]byte, error) { return []byte("auth.Digest(hidden)"), nil }

// Format prints no secret.
func (NTLM) Format(s fmt.State, _ rune) { hide(s, "auth.NTLM") }

// MarshalText shows no secret.
func (NTLM) MarshalText() ([]byte, error) { return []byte("auth.NTLM(hidden)"), nil }

// Format prints no secret.
func (Password) Format(s fmt.State, _ rune) { hide(s, "auth.Password") }

// MarshalText shows no secret.
func (Password) MarshalText() ([]byte, error) { return []byte("auth.Password(hidden)"), nil }

// Format prints no secret.
func (OAuth1) Format(s fmt.State, _ rune) { hide(s, "auth.OAuth1") }

// MarshalText shows no secret.
func (OAuth1) MarshalText() ([]byte, error) { return []byte("auth.OAuth1(hidden)"), nil }

// Format prints no secret.
func (AWS) Format(s fmt.State, _ rune) { hide(s, "auth.AWS") }

// MarshalText shows no secret.
func (AWS) MarshalText() ([]byte, error) { return []byte("auth.AWS(hidden)"), nil }
