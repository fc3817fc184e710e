package chilkat

import (
	"context"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// FullRequestNoBody sends a request without a body and returns the body of the
// response as text, nil on failure: SendReqNoBody, ReadResponseHeader and
// ReadRespBodyString in one. Any status is a success; see ResponseStatusCode. On
// 101 the text is empty.
func (r *Rest) FullRequestNoBody(verb, path string) *string {
	return r.fullRequestNoBody(context.Background(), verb, path).text()
}

// FullRequestNoBodyAsync makes a task that calls FullRequestNoBody.
func (r *Rest) FullRequestNoBodyAsync(verb, path string) *Task {
	return newTask(r, "FullRequestNoBody", func(ctx context.Context) result {
		return r.fullRequestNoBody(ctx, verb, path)
	})
}

func (r *Rest) fullRequestNoBody(ctx context.Context, verb, path string) result {
	return r.giveText(ctx, "FullRequestNoBody", r.full(verb, path))
}

// FullRequestNoBodySb is FullRequestNoBody that appends the text to sb.
func (r *Rest) FullRequestNoBodySb(verb, path string, sb *StringBuilder) bool {
	return r.fullRequestNoBodySb(context.Background(), verb, path, sb).status()
}

// FullRequestNoBodySbAsync makes a task that calls FullRequestNoBodySb.
func (r *Rest) FullRequestNoBodySbAsync(verb, path string, sb *StringBuilder) *Task {
	if err := checkArgument("sb", "StringBuilder", sb); err != nil {
		return noTask(r, "FullRequestNoBodySb", err)
	}
	return newTask(r, "FullRequestNoBodySb", func(ctx context.Context) result {
		return r.fullRequestNoBodySb(ctx, verb, path, sb)
	})
}

func (r *Rest) fullRequestNoBodySb(ctx context.Context, verb, path string, sb *StringBuilder) result {
	return r.intoSb(ctx, "FullRequestNoBodySb", sb, r.full(verb, path))
}

// FullRequestNoBodyBd is FullRequestNoBody that appends the body to bd, as it
// came.
func (r *Rest) FullRequestNoBodyBd(verb, path string, bd *BinData) bool {
	return r.fullRequestNoBodyBd(context.Background(), verb, path, bd).status()
}

// FullRequestNoBodyBdAsync makes a task that calls FullRequestNoBodyBd.
func (r *Rest) FullRequestNoBodyBdAsync(verb, path string, bd *BinData) *Task {
	if err := checkArgument("bd", "BinData", bd); err != nil {
		return noTask(r, "FullRequestNoBodyBd", err)
	}
	return newTask(r, "FullRequestNoBodyBd", func(ctx context.Context) result {
		return r.fullRequestNoBodyBd(ctx, verb, path, bd)
	})
}

func (r *Rest) fullRequestNoBodyBd(ctx context.Context, verb, path string, bd *BinData) result {
	return r.intoBd(ctx, "FullRequestNoBodyBd", bd, r.full(verb, path))
}

// full sends a request and reads the response.
func (r *Rest) full(verb, path string) bodyReader {
	return func(ctx context.Context, l *lasterr.Log) ([]byte, error) {
		if err := r.send(ctx, l, verb, path); err != nil {
			return nil, err
		}
		if _, err := r.readHead(ctx); err != nil {
			return nil, err
		}
		return r.readBody(ctx, l)
	}
}
