package record

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// The parts of HAR 1.2 that a WebSocket needs, with _webSocketMessages as the
// developer tools of browsers write it.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time    `json:"startedDateTime"`
		Time     float64      `json:"time"` // ms
		Request  harRequest   `json:"request"`
		Response harResponse  `json:"response"`
		Cache    struct{}     `json:"cache"`
		Timings  harTimings   `json:"timings"`
		Server   string       `json:"serverIPAddress,omitempty"`
		Kind     string       `json:"_resourceType"`
		Messages []harMessage `json:"_webSocketMessages"`
	}
	harRequest struct {
		Method      string  `json:"method"`
		URL         string  `json:"url"`
		HTTPVersion string  `json:"httpVersion"`
		Cookies     []Field `json:"cookies"`
		Headers     []Field `json:"headers"`
		Query       []Field `json:"queryString"`
		HeadersSize int     `json:"headersSize"`
		BodySize    int     `json:"bodySize"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []Field    `json:"cookies"`
		Headers     []Field    `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
	}
	harTimings struct {
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harMessage struct {
		Type   string  `json:"type"` // send or receive
		Time   float64 `json:"time"` // seconds since 1970
		Opcode int     `json:"opcode"`
		Data   string  `json:"data"` // of a binary message in base64
	}
)

// WriteHAR writes the sessions as HAR 1.2, each as one entry.
func WriteHAR(w io.Writer, sessions []Session, version string) error {
	file := harFile{Log: harLog{Version: "1.2", Creator: harCreator{Name: "fairlead", Version: version}, Entries: []harEntry{}}}
	for i := range sessions {
		e, err := sessions[i].entry()
		if err != nil {
			return err
		}
		file.Log.Entries = append(file.Log.Entries, e)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(file)
}

func (s *Session) entry() (harEntry, error) {
	messages, err := s.messages()
	if err != nil {
		return harEntry{}, err
	}
	first, last := s.Lines[0], s.Lines[len(s.Lines)-1]
	t := s.Open.Times
	e := harEntry{
		Started: first.TS.Add(-first.Mono), Time: ms(last.Mono), Kind: "websocket", Server: hostOf(s.Open.Addr),
		Request: harRequest{
			Method: "GET", URL: s.Open.URL, HTTPVersion: "HTTP/1.1",
			Cookies: []Field{}, Headers: noNil(s.Open.Request), Query: []Field{}, HeadersSize: -1,
		},
		Response: harResponse{
			Status: s.Open.Status, StatusText: http.StatusText(s.Open.Status), HTTPVersion: "HTTP/1.1",
			Cookies: []Field{}, Headers: noNil(s.Open.Response), HeadersSize: -1, BodySize: -1,
		},
		Timings: harTimings{
			DNS: msOr(t, "dns"), SSL: msOr(t, "tls"), Connect: msOr(t, "tcp"),
			Send: ms(t["request"]), Wait: ms(t["response"]),
		},
		Messages: []harMessage{},
	}
	if e.Timings.SSL > 0 {
		e.Timings.Connect += e.Timings.SSL // HAR 1.2: connect includes ssl
	}
	for _, m := range messages {
		out := harMessage{Type: "receive", Time: float64(m.TS.UnixNano()) / 1e9, Opcode: 1, Data: string(m.Data)}
		if m.Dir == "out" {
			out.Type = "send"
		}
		if m.Type == "binary" {
			out.Opcode, out.Data = 2, base64.StdEncoding.EncodeToString(m.Data)
		}
		e.Messages = append(e.Messages, out)
	}
	return e, nil
}
