package chilkat

// base is nil for a nil SshKey.
func (k *SshKey) base() *object {
	if k == nil {
		return nil
	}
	return &k.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (k *SshKey) LastErrorText() string { return k.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (k *SshKey) LastErrorXml() string { return k.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (k *SshKey) LastErrorHtml() string { return k.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (k *SshKey) LastError() error { return k.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (k *SshKey) LastMethodSuccess() bool { return k.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (k *SshKey) SetLastMethodSuccess(success bool) { k.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (k *SshKey) DebugLogFilePath() string { return k.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (k *SshKey) SetDebugLogFilePath(path string) { k.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (k *SshKey) VerboseLogging() bool { return k.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (k *SshKey) SetVerboseLogging(verbose bool) { k.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (k *SshKey) Version() string { return k.base().version() }
