package route_test

import (
	"context"

	"github.com/fairlead-ws/fairlead/auth"
)

// tireless are credentials that always have another answer.
type tireless struct{}

func (tireless) Begin() auth.Exchange { return tireless{} }

func (tireless) Authorize(_ context.Context, r *auth.Request, _ []string) error {
	r.Header.Set("Proxy-Authorization", "Tireless yes")
	return nil
}
