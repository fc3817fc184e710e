package sshroute

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	maxRounds    = 8
	maxQuestions = 8

	// agentVariable is the environment variable that names the agent's socket.
	agentVariable = "SSH_AUTH_SOCK"
)

// authenticator is the handshake with one server.
type authenticator struct {
	cfg  *Config
	user string
	keys *hostKeys

	ctx  context.Context
	link *guard

	agent  net.Conn
	stop   func() bool // watching ctx for the agent
	rounds int         // of questions
	cause  error       // why a method could not be used
}

func (a *authenticator) close() {
	if a.agent != nil {
		a.stop()
		_ = a.agent.Close()
	}
}

func (a *authenticator) checkAlgorithms(algorithms ssh.NegotiatedAlgorithms) error {
	if _, strict := a.link.heard(); !strict && cuttable(algorithms) {
		return errWeakStream
	}
	return nil
}

// next chooses what is tried next (RFC 4252 section 5.1).
func (a *authenticator) next(state *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if err := a.checkAlgorithms(state.Algorithms); err != nil {
		return nil, err
	}
	if a.link.ended.Load() {
		return nil, a.link.why()
	}
	if err := a.link.failed(); err != nil {
		return nil, err
	}
	for _, m := range a.methods() {
		if slices.Contains(state.AllowedMethods, m.name) && !slices.Contains(state.TriedMethods, m.name) {
			return m.method, nil
		}
	}
	return nil, &AuthError{
		User:     a.user,
		Tried:    names(slices.DeleteFunc(slices.Concat(state.PartialSuccessMethods, state.TriedMethods), func(m string) bool { return m == "none" })),
		Accepted: names(state.AllowedMethods),
		Err:      a.cause,
	}
}

type method struct {
	name   string
	method ssh.AuthMethod
}

func (a *authenticator) methods() (list []method) {
	if len(a.cfg.Keys) > 0 || a.cfg.Agent != "" {
		list = append(list, method{"publickey", ssh.PublicKeysCallback(a.signers)})
	}
	if a.cfg.Password != "" {
		list = append(list, method{"password", ssh.Password(a.cfg.Password)})
	}
	if a.cfg.KeyboardInteractive != nil || a.cfg.Password != "" {
		list = append(list, method{"keyboard-interactive", ssh.KeyboardInteractive(a.answer)})
	}
	return list
}

func (a *authenticator) signers() ([]ssh.Signer, error) {
	var signers []ssh.Signer
	for _, key := range a.cfg.Keys {
		if key != nil {
			signers = append(signers, key.signer)
		}
	}
	if a.cfg.Agent == "" {
		return signers, nil
	}
	held, err := a.agentSigners()
	if err != nil {
		a.cause = fmt.Errorf("the agent gives no keys: %w", err)
	}
	return append(signers, held...), nil
}

func (a *authenticator) agentSigners() ([]ssh.Signer, error) {
	path := a.cfg.Agent
	if path == agentVariable {
		if path = os.Getenv(path); path == "" {
			return nil, errors.New("the environment variable SSH_AUTH_SOCK is not set, start ssh-agent")
		}
	}
	if a.agent == nil {
		conn, err := (&net.Dialer{}).DialContext(a.ctx, "unix", path)
		if err != nil {
			return nil, err
		}
		a.agent = conn
		a.stop = context.AfterFunc(a.ctx, func() { _ = conn.Close() })
	}
	return agent.NewClient(a.agent).Signers()
}

// answer gives the answers to one round of questions.
func (a *authenticator) answer(name, instruction string, questions []string, echos []bool) (answers []string, err error) {
	defer func() {
		if err != nil {
			a.cause = err
		}
	}()
	a.rounds++
	switch {
	case a.rounds > maxRounds:
		return nil, fmt.Errorf("the server asks questions without end, %d rounds are the limit", maxRounds)
	case len(questions) > maxQuestions:
		return nil, fmt.Errorf("the server asks %d questions at once, %d are the limit", len(questions), maxQuestions)
	case a.cfg.KeyboardInteractive != nil:
		return a.ask(name, instruction, questions, echos)
	case len(questions) == 0:
		return nil, nil
	case len(questions) > 1 || echos[0] || a.rounds > 1:
		return nil, errors.New("the server asks for more than a password, set KeyboardInteractive")
	}
	return []string{a.cfg.Password}, nil
}

// ask calls the user's function, which may be waiting for a person when the
// context ends.
func (a *authenticator) ask(name, instruction string, questions []string, echos []bool) ([]string, error) {
	type result struct {
		answers []string
		err     error
	}
	asked := make(chan result, 1)
	go func() {
		answers, err := a.cfg.KeyboardInteractive(a.ctx, name, instruction, questions, echos)
		asked <- result{answers, err}
	}()
	select {
	case <-a.ctx.Done():
		return nil, a.ctx.Err()
	case r := <-asked:
		if r.err == nil && len(r.answers) != len(questions) {
			return nil, fmt.Errorf("KeyboardInteractive gave %d answers to %d questions", len(r.answers), len(questions))
		}
		return r.answers, r.err
	}
}

func userName(cfg *Config) (string, error) {
	if cfg.User != "" {
		return cfg.User, nil
	}
	current, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("no user name, set User: %w", err)
	}
	// Windows puts the domain before it.
	return current.Username[strings.LastIndexByte(current.Username, '\\')+1:], nil
}
