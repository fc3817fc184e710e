package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

const tomcatHome = "/usr/share/tomcat10"

// tomcatListens is how Tomcat tells the port that it found.
var tomcatListens = regexp.MustCompile(`Starting ProtocolHandler \["(https?)-.*-(\d+)"\]`)

// startTomcat starts Tomcat with an example that sends each piece of a message
// back as it comes, in frames of its own.
func startTomcat(t *testing.T) endpoint {
	program := needFile(t, tomcatHome+"/bin/catalina.sh")
	needFile(t, "/usr/share/tomcat10-examples/examples/WEB-INF/classes/websocket/echo/EchoStreamAnnotation.class")
	needProgram(t, "java")
	certFile, keyFile, roots := certificate(t)
	dir := t.TempDir()
	for _, name := range []string{"conf", "logs", "temp", "webapps", "work"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	replace := strings.NewReplacer("@cert@", certFile, "@key@", keyFile)
	for from, to := range map[string]string{"testdata/tomcat.xml": "server.xml", "/etc/tomcat10/web.xml": "web.xml"} {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "conf", to), []byte(replace.Replace(string(data))), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "run")
	cmd.Env = append(os.Environ(), "CATALINA_HOME="+tomcatHome, "CATALINA_BASE="+dir,
		"JAVA_OPTS=-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1") // starts in half the time
	e := endpoint{roots: roots}
	startChild(t, cmd, func(line string) bool {
		if m := tomcatListens.FindStringSubmatch(line); m != nil {
			url := "://127.0.0.1:" + m[2] + "/examples/websocket/echoStreamAnnotation"
			if m[1] == "http" {
				e.ws = "ws" + url
			} else {
				e.wss = "wss" + url
			}
		}
		return strings.Contains(line, "Server startup in")
	})
	return e
}

// tomcatCloses sends what is no UTF-8, because the example has no other cause to
// close.
func tomcatCloses(t *testing.T, e endpoint, url string) {
	s := e.dial(t, url)
	if err := s.WriteFrame(s.ctx, frame.Header{Fin: true, Opcode: frame.Text}, []byte{0xff}); err != nil {
		t.Fatal(err)
	}
	s.wantClose(t, frame.StatusInvalidPayload)
}
