package chilkat

// base is nil for a nil WebSocket.
func (ws *WebSocket) base() *object {
	if ws == nil {
		return nil
	}
	return &ws.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (ws *WebSocket) LastErrorText() string { return ws.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (ws *WebSocket) LastErrorXml() string { return ws.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (ws *WebSocket) LastErrorHtml() string { return ws.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (ws *WebSocket) LastError() error { return ws.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (ws *WebSocket) LastMethodSuccess() bool { return ws.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (ws *WebSocket) SetLastMethodSuccess(success bool) { ws.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (ws *WebSocket) DebugLogFilePath() string { return ws.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (ws *WebSocket) SetDebugLogFilePath(path string) { ws.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (ws *WebSocket) VerboseLogging() bool { return ws.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (ws *WebSocket) SetVerboseLogging(verbose bool) { ws.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (ws *WebSocket) Version() string { return ws.base().version() }
