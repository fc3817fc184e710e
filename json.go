package fairlead

import (
	"context"
	"encoding/json"
	"fmt"
)

// ReadJSON reads the next message, text or binary, and decodes it into v as
// package encoding/json does. When the message is not JSON that fits v, it is
// used up and the connection lives; the other errors are those of Read.
func ReadJSON(ctx context.Context, c *Conn, v any) error {
	m, err := c.nextMessage(ctx)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(m.Data, v); err != nil {
		return fmt.Errorf("fairlead: a message of %d bytes is not the JSON expected: %w", len(m.Data), err)
	}
	return nil
}

// WriteJSON sends v, encoded as package encoding/json does, as a text message.
// When v cannot be encoded nothing is sent; the other errors are those of Write.
func WriteJSON(ctx context.Context, c *Conn, v any) error {
	p, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("fairlead: WriteJSON sent nothing: %w", err)
	}
	return c.Write(ctx, Text, p)
}
