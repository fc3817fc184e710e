package sshroute_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestFromConfigLogsIn: the keys that the user's files name, or those of ~/.ssh
// where they name none, lead to the target.
func TestFromConfigLogsIn(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	server := (&sshDouble{config: ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey)}}).start(t)
	head := "Host bastion\n HostName 127.0.0.1\n Port " + portOf(server.addr) + "\n User " + user + "\n"
	for name, test := range map[string]struct {
		config string
		files  map[string][]byte // in ~/.ssh
		fails  string            // part of the error of FromConfig
	}{
		"by default":                   {config: head, files: map[string][]byte{"id_ed25519": marshal(clientKey, "")}},
		"encrypted one beside":         {config: head, files: map[string][]byte{"id_ed25519": marshal(edKey, secret), "id_rsa": marshal(clientKey, "")}},
		"named":                        {config: head + " IdentityFile ~/.ssh/mine\n", files: map[string][]byte{"mine": marshal(clientKey, "")}},
		"named by tokens":              {config: head + " IdentityFile %d/.ssh/%r\n", files: map[string][]byte{user: marshal(clientKey, "")}},
		"named and missing one beside": {config: head + " IdentityFile ~/.ssh/gone\n IdentityFile ~/.ssh/mine\n", files: map[string][]byte{"mine": marshal(clientKey, "")}},
		"named and encrypted":          {config: head + " IdentityFile ~/.ssh/mine\n", files: map[string][]byte{"mine": marshal(clientKey, secret)}, fails: "passphrase"},
		"command":                      {config: head + " ProxyCommand nc %h %p\n", fails: "ProxyCommand"},
		"no command":                   {config: head + " ProxyCommand none\n", files: map[string][]byte{"id_ecdsa": marshal(clientKey, "")}},
		"match":                        {config: head + "Match user eve\n Port 1\n", fails: "Match"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("SSH_AUTH_SOCK", "")
			if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
				t.Fatal(err)
			}
			write := func(name string, content []byte) {
				if err := os.WriteFile(filepath.Join(home, ".ssh", name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("config", []byte(test.config))
			write("known_hosts", []byte(line(knownhosts.Normalize(server.addr), edKey)))
			for name, content := range test.files {
				write(name, content)
			}
			layers, err := sshroute.FromConfig("bastion")
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("error = %v, want one about %s", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			conn, err := route.Through(layers...).DialContext(within(t, 5*time.Second), "tcp", target)
			talks(t, conn, err)
		})
	}
}
