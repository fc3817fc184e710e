module github.com/fairlead-ws/fairlead/bench

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/fairlead-ws/fairlead v0.0.0
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/ws v1.5.0
	github.com/gorilla/websocket v1.5.3
	github.com/klauspost/compress v1.20.4
	github.com/lxzan/gws v1.8.9
	go.uber.org/goleak v1.3.0
	golang.org/x/net v0.62.0
)

require (
	github.com/Azure/go-ntlmssp v0.1.1 // indirect
	github.com/aws/aws-sdk-go-v2 v1.48.0 // indirect
	github.com/aws/smithy-go v1.28.9 // indirect
	github.com/dghubble/oauth1 v0.7.3 // indirect
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/icholy/digest v1.2.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

replace github.com/fairlead-ws/fairlead => ../
