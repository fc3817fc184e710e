// Package query asks questions about messages in the language of jq.
package query

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// Query is a compiled question.
type Query struct {
	text string
	code *gojq.Code
}

// Compile reads the expression. $type is the type of the message, "text" or
// "binary", and $size its length in bytes.
func Compile(text string) (*Query, error) {
	parsed, err := gojq.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the expression %q is not one of jq: %w", text, err)
	}
	code, err := gojq.Compile(parsed, gojq.WithVariables([]string{"$type", "$size"}))
	if err != nil {
		return nil, fmt.Errorf("the expression %q is not one of jq: %w", text, err)
	}
	return &Query{text, code}, nil
}

func (q *Query) String() string { return q.text }

// True reports whether one of the results for the message is neither null nor
// false. A message is its JSON value; one that is no JSON is a string, in base64
// if it is not text. An error of the expression, such as a field of a number,
// means no.
func (q *Query) True(ctx context.Context, binary bool, p []byte) (bool, error) {
	kind := "text"
	if binary {
		kind = "binary"
	}
	results := q.code.RunWithContext(ctx, value(p), kind, len(p))
	for {
		result, ok := results.Next()
		if !ok {
			return false, nil
		}
		if _, isErr := result.(error); isErr {
			return false, ctx.Err()
		}
		if result != nil && result != false {
			return true, nil
		}
	}
}

// value is the JSON value of p, or a string.
func value(p []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(p))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) == nil {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return v
		}
	}
	if utf8.Valid(p) {
		return string(p)
	}
	return base64.StdEncoding.EncodeToString(p)
}
