module github.com/fairlead-ws/fairlead/cmd/fairlead

go 1.26.0

require (
	github.com/fairlead-ws/fairlead v0.0.0
	github.com/spf13/cobra v1.10.2
)

replace github.com/fairlead-ws/fairlead => ../..
