package chilkat

import "github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"

// The bodies of the members that every class has. Each class declares them
// itself (files *_object.go): a method that Go promotes from an embedded
// struct panics on a nil pointer, and no member may.

func (o *object) lastLog() *lasterr.Log {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

func (o *object) lastErrorText() string {
	l := o.lastLog()
	return get(o, "LastErrorText", l.Text)
}

func (o *object) lastErrorXML() string {
	l := o.lastLog()
	return get(o, "LastErrorXml", l.XML)
}

func (o *object) lastErrorHTML() string {
	l := o.lastLog()
	return get(o, "LastErrorHtml", l.HTML)
}

func (o *object) lastError() error {
	if o == nil {
		return errNilReceiver
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lastErr
}

func (o *object) lastMethodSuccess() bool {
	return get(o, "LastMethodSuccess", func() bool { return o.success })
}

func (o *object) setLastMethodSuccess(success bool) {
	set(o, "LastMethodSuccess", success, func() error { o.success = success; return nil })
}

func (o *object) debugLogFilePath() string {
	return get(o, "DebugLogFilePath", func() string { return o.path })
}

// setDebugLogFilePath stores the path before its own tree starts, so that the
// new file begins with it.
func (o *object) setDebugLogFilePath(path string) {
	if o == nil {
		return
	}
	o.mu.Lock()
	if !o.disposed {
		o.path = path
	}
	o.mu.Unlock()
	set(o, "DebugLogFilePath", path, func() error { return nil })
}

func (o *object) verboseLogging() bool {
	return get(o, "VerboseLogging", func() bool { return o.verbose })
}

func (o *object) setVerboseLogging(verbose bool) {
	set(o, "VerboseLogging", verbose, func() error { o.verbose = verbose; return nil })
}

func (o *object) version() string {
	get(o, "Version", func() string { return Version })
	return Version
}
