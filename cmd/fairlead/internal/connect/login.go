package connect

import (
	"net/url"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

// credentials returns what proves to the server who asks, nil if nothing does.
func (f *Flags) credentials(u *url.URL, env Env) (auth.Credentials, error) {
	schemes := 0
	for _, on := range []bool{f.basic, f.digest, f.ntlm, f.anyAuth, f.awsSigV4 != ""} {
		if on {
			schemes++
		}
	}
	switch {
	case schemes > 1:
		return nil, exit.Usagef("--basic, --digest, --ntlm, --anyauth and --aws-sigv4 exclude each other")
	case f.bearer != "" && (f.user != "" || schemes > 0):
		return nil, exit.Usagef("--oauth2-bearer and --user exclude each other")
	case f.bearer != "":
		token, err := secret("oauth2-bearer", f.bearer)
		return auth.Bearer{Token: token}, err
	}
	user, password, found, err := f.userAndPassword(u, env)
	switch {
	case err != nil:
		return nil, err
	case f.awsSigV4 != "":
		return f.awsCredentials(user, password, env)
	case !found && schemes > 0:
		return nil, exit.Usagef("a kind of login was chosen but no user: add --user USER:PASSWORD or --netrc")
	case !found:
		return nil, nil //nolint:nilnil // nothing to prove
	case f.digest:
		return auth.Digest{Username: user, Password: password}, nil
	case f.ntlm:
		return auth.NTLM{Username: user, Password: password}, nil
	case f.anyAuth:
		return auth.Password{Username: user, Password: password}, nil
	}
	return auth.Basic{Username: user, Password: password}, nil
}

// userAndPassword looks at --user, at the URL and at a netrc file, in this order.
// It takes the user out of the URL.
func (f *Flags) userAndPassword(u *url.URL, env Env) (user, password string, found bool, err error) {
	inURL := u.User
	if f.user != "" || inURL != nil {
		u.User = nil
	}
	if f.user != "" {
		user, password, err = splitUser("user", f.user, env)
		return user, password, true, err
	}
	if inURL != nil {
		password, _ := inURL.Password()
		return inURL.Username(), password, true, nil
	}
	if f.netrc || f.netrcFile != "" {
		return netrcLogin(f.netrcFile, u.Hostname(), env)
	}
	return "", "", false, nil
}

// splitUser asks for the password where there is none.
func splitUser(flag, value string, env Env) (user, password string, err error) {
	if value, err = secret(flag, value); err != nil {
		return "", "", err
	}
	user, password, ok := strings.Cut(value, ":")
	if ok {
		return user, password, nil
	}
	if env.AskPassword == nil {
		return "", "", exit.Usagef("--%s has no password, and there is no terminal to ask for it: write USER:PASSWORD or @file", flag)
	}
	password, err = env.AskPassword("Password for " + user + ": ")
	return user, password, exit.With(exit.Read, err)
}

func (f *Flags) awsCredentials(id, key string, env Env) (auth.Credentials, error) {
	// As curl has it: PROVIDER1[:PROVIDER2[:REGION[:SERVICE]]].
	parts := strings.Split(f.awsSigV4, ":")
	if len(parts) != 4 || parts[0] != "aws" || parts[1] != "amz" || parts[2] == "" || parts[3] == "" {
		return nil, exit.Usagef("--aws-sigv4: expected aws:amz:REGION:SERVICE")
	}
	creds := auth.AWS{AccessKeyID: id, SecretAccessKey: key, Region: parts[2], Service: parts[3]}
	if id == "" {
		creds.AccessKeyID, creds.SecretAccessKey = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
		creds.SessionToken = env.get("AWS_SESSION_TOKEN")
	}
	if creds.AccessKeyID == "" {
		return nil, exit.Usagef("--aws-sigv4 needs --user KEYID:SECRET, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	// These two services take their signature in the URL.
	creds.Presign = creds.Service == "transcribe" || creds.Service == "iotdevicegateway"
	return creds, nil
}
