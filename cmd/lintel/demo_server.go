package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

const (
	// startPatience is how long the server may take to listen.
	startPatience = 20 * time.Second
	// stopPatience is longer than the server's own drain.
	stopPatience = 40 * time.Second
	// keptLog is how many lines are enough to see why the server failed.
	keptLog = 20
)

// demoAppID is the id of the App on the fake GitHub.
const demoAppID = 4711

// fakeGitHub starts a fake GitHub that keeps its repositories in dir, and
// prepares a server for it that keeps its data there too.
func fakeGitHub(dir string) (*ghtest.Server, *serverProcess, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("making the App's key: %w", err)
	}
	random := make([]byte, 16)
	rand.Read(random)
	secret := hex.EncodeToString(random)
	repositories := filepath.Join(dir, "github")
	if err := os.Mkdir(repositories, 0o700); err != nil {
		return nil, nil, err
	}
	github, err := ghtest.New(ghtest.Options{
		Dir: repositories, AppID: demoAppID, AppKeys: []*rsa.PublicKey{&key.PublicKey}, WebhookSecret: secret,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("starting the fake GitHub: %w", err)
	}
	github.Start()
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return github, &serverProcess{environment: []string{
		fmt.Sprintf("LINTEL_APP_ID=%d", demoAppID),
		"LINTEL_PRIVATE_KEY=" + string(pem.EncodeToMemory(block)),
		"LINTEL_WEBHOOK_SECRET=" + secret,
		"LINTEL_GITHUB_URL=" + github.URL(),
		"LINTEL_DATA_DIR=" + filepath.Join(dir, "data"),
		"LINTEL_LISTEN=127.0.0.1:0",
		"LINTEL_ADMIN_LISTEN=127.0.0.1:0",
		"PATH=" + os.Getenv("PATH"),
	}}, nil
}

// serverProcess is `lintel serve` as a process of its own.
type serverProcess struct {
	program     string
	arguments   []string
	environment []string
	// address is where it takes deliveries, admin where it shows its metrics,
	// once started.
	address, admin string
	// ended receives the process's end, once.
	ended   chan error
	command *exec.Cmd
	running bool

	mu  sync.Mutex
	log []string
}

// start runs the server and returns when it listens.
func (p *serverProcess) start(ctx context.Context) error {
	p.command = exec.Command(p.program, append([]string{"serve"}, p.arguments...)...)
	p.command.Env = p.environment
	// Ctrl-C reaches every process of a terminal's group: the server is not in
	// it, since only stop ends it in the right order.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	p.running = true
	listening := make(chan [2]string, 1)
	p.ended = make(chan error, 1)
	go func() {
		p.read(out, listening)
		p.ended <- p.command.Wait()
	}()
	select {
	case addresses := <-listening:
		p.address, p.admin = addresses[0], addresses[1]
		return nil
	case err := <-p.ended:
		p.running = false
		return fmt.Errorf("the server did not start: %v\n%s", err, p.lastWords())
	case <-time.After(startPatience):
		return fmt.Errorf("the server did not listen within %v\n%s", startPatience, p.lastWords())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read keeps the log and finds the address in it.
func (p *serverProcess) read(out io.Reader, listening chan<- [2]string) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record struct{ Msg, Listen, Admin string }
		if json.Unmarshal(lines.Bytes(), &record) == nil && record.Msg == "serving" {
			listening <- [2]string{record.Listen, record.Admin}
		}
		p.mu.Lock()
		p.log = append(p.log, lines.Text())
		p.mu.Unlock()
	}
}

// lastWords are the last lines of the log, for the case that the server fails.
func (p *serverProcess) lastWords() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log[max(0, len(p.log)-keptLog):], "\n")
}

// stop asks the server to end, as an operator would, and waits for it.
func (p *serverProcess) stop() error {
	if !p.running {
		return nil
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping the server: %w", err)
	}
	p.running = false
	select {
	case err := <-p.ended:
		if err != nil && !p.terminated() {
			return fmt.Errorf("the server ended badly: %w\n%s", err, p.lastWords())
		}
		return nil
	case <-time.After(stopPatience):
		return errors.Join(errors.New("the server did not end when it was asked to"), p.command.Process.Kill())
	}
}

// terminated is true when SIGTERM itself ended the process: it came before the
// process was listening to signals, and then there was nothing to drain.
func (p *serverProcess) terminated() bool {
	status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGTERM
}
