module github.com/fairlead-ws/fairlead/cmd/fairlead

go 1.26.0

require (
	github.com/fairlead-ws/fairlead v0.0.0
	github.com/spf13/cobra v1.10.2
	go.uber.org/goleak v1.3.0
)

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/fairlead-ws/fairlead => ../..
