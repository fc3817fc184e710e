package chilkat

// base is nil for a nil BinData.
func (b *BinData) base() *object {
	if b == nil {
		return nil
	}
	return &b.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (b *BinData) LastErrorText() string { return b.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (b *BinData) LastErrorXml() string { return b.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (b *BinData) LastErrorHtml() string { return b.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (b *BinData) LastError() error { return b.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (b *BinData) LastMethodSuccess() bool { return b.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (b *BinData) SetLastMethodSuccess(success bool) { b.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (b *BinData) DebugLogFilePath() string { return b.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (b *BinData) SetDebugLogFilePath(path string) { b.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (b *BinData) VerboseLogging() bool { return b.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (b *BinData) SetVerboseLogging(verbose bool) { b.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (b *BinData) Version() string { return b.base().version() }
