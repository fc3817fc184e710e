package chilkat

import (
	"context"
	"mime"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// ReadRespBodyString reads the body of the response whose head
// ReadResponseHeader has read, as text of the charset that Content-Type names;
// UTF-8 if it names none that is known. What is not legal in the charset becomes
// U+FFFD. It returns nil on failure, and "" for a response without a body, as 101
// is.
func (r *Rest) ReadRespBodyString() *string {
	return r.readRespBodyString(context.Background()).text()
}

// ReadRespBodyStringAsync makes a task that calls ReadRespBodyString.
func (r *Rest) ReadRespBodyStringAsync() *Task {
	return newTask(r, "ReadRespBodyString", r.readRespBodyString)
}

func (r *Rest) readRespBodyString(ctx context.Context) result {
	return r.giveText(ctx, "ReadRespBodyString", r.readBody)
}

// ReadRespSb appends the body of the response to sb, as text. See
// ReadRespBodyString.
func (r *Rest) ReadRespSb(sb *StringBuilder) bool {
	return r.readRespSb(context.Background(), sb).status()
}

// ReadRespSbAsync makes a task that calls ReadRespSb.
func (r *Rest) ReadRespSbAsync(sb *StringBuilder) *Task {
	if err := checkArgument("sb", "StringBuilder", sb); err != nil {
		return noTask(r, "ReadRespSb", err)
	}
	return newTask(r, "ReadRespSb", func(ctx context.Context) result { return r.readRespSb(ctx, sb) })
}

func (r *Rest) readRespSb(ctx context.Context, sb *StringBuilder) result {
	return r.intoSb(ctx, "ReadRespSb", sb, r.readBody)
}

// ReadRespBd appends the body of the response to bd, as it came.
func (r *Rest) ReadRespBd(bd *BinData) bool {
	return r.readRespBd(context.Background(), bd).status()
}

// ReadRespBdAsync makes a task that calls ReadRespBd.
func (r *Rest) ReadRespBdAsync(bd *BinData) *Task {
	if err := checkArgument("bd", "BinData", bd); err != nil {
		return noTask(r, "ReadRespBd", err)
	}
	return newTask(r, "ReadRespBd", func(ctx context.Context) result { return r.readRespBd(ctx, bd) })
}

func (r *Rest) readRespBd(ctx context.Context, bd *BinData) result {
	return r.intoBd(ctx, "ReadRespBd", bd, r.readBody)
}

// bodyReader gives the body of a response.
type bodyReader func(ctx context.Context, l *lasterr.Log) ([]byte, error)

// giveText runs a method that returns the body that read gives, as text.
func (r *Rest) giveText(ctx context.Context, name string, read bodyReader) result {
	return give(r.base(), name, func(l *lasterr.Log) (text string, err error) {
		err = r.during(ctx, l, func(ctx context.Context) error {
			body, err := read(ctx, l)
			text = r.bodyText(body)
			return err
		})
		return text, err
	})
}

// intoSb runs a method that appends the body that read gives to sb.
func (r *Rest) intoSb(ctx context.Context, name string, sb *StringBuilder, read bodyReader) result {
	return r.base().call(name, func(l *lasterr.Log) error {
		if err := checkArgument("sb", "StringBuilder", sb); err != nil {
			return err
		}
		return r.during(ctx, l, func(ctx context.Context) error {
			body, err := read(ctx, l)
			if err == nil {
				sb.append(r.bodyText(body))
			}
			return err
		})
	})
}

// intoBd runs a method that appends the body that read gives to bd.
func (r *Rest) intoBd(ctx context.Context, name string, bd *BinData, read bodyReader) result {
	return r.base().call(name, func(l *lasterr.Log) error {
		if err := checkArgument("bd", "BinData", bd); err != nil {
			return err
		}
		return r.during(ctx, l, func(ctx context.Context) error {
			body, err := read(ctx, l)
			if err == nil {
				bd.append(body)
			}
			return err
		})
	})
}

// bodyText is body as text of the charset that the response names.
func (r *Rest) bodyText(body []byte) string {
	r.mu.Lock()
	resp := r.exchange.response
	r.mu.Unlock()
	if resp != nil {
		contentType, _ := resp.Get("Content-Type")
		_, params, _ := mime.ParseMediaType(contentType)
		if text, err := decodeText(body, params["charset"]); err == nil {
			return text
		}
	}
	text, _ := decodeText(body, "utf-8") // never fails: every sequence of bytes has a meaning
	return text
}

// checkArgument refuses an argument that is nil or disposed.
func checkArgument(argument, class string, m member) error {
	o := m.base()
	if o == nil {
		return failNil(argument, class)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.disposed {
		return fail("the argument "+argument+" was disposed", "Pass a *"+class+" that is in use.")
	}
	return nil
}

// noTask is the result of an Async method that got a wrong argument.
func noTask(owner member, name string, err error) *Task {
	owner.base().call(name+"Async", func(*lasterr.Log) error { return err })
	return nil
}
