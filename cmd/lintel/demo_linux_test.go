package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var metricsAddress = regexp.MustCompile(`metrics:\s+http://(\S+)/metrics`)

// TestDemoCleansUp ends the demo in each of the ways a person can, before it is
// done and while it is kept, and looks for what it leaves behind.
func TestDemoCleansUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		// after is the line on which the signal is sent.
		after  string
		signal syscall.Signal
		code   int
		stderr string
	}{
		{"Ctrl-C while it is kept", "Press Ctrl-C", syscall.SIGINT, exitOK, ""},
		{"SIGTERM while it is kept", "Press Ctrl-C", syscall.SIGTERM, exitOK, ""},
		{"the terminal is closed while it is kept", "Press Ctrl-C", syscall.SIGHUP, exitOK, ""},
		{"Ctrl-C at the start", "A Django shop", syscall.SIGINT, exitInterrupted, "lintel: interrupted\n"},
		{"Ctrl-C in the first review", "delivery taken", syscall.SIGINT, exitInterrupted, "lintel: interrupted\n"},
		{"SIGTERM between the reviews", "Second push", syscall.SIGTERM, exitInterrupted, "lintel: interrupted\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := startDemo(t)
			d.until(tt.after)
			if err := d.command.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			if code := d.wait(); code != tt.code {
				t.Errorf("exit code %d, want %d; it said:\n%s", code, tt.code, &d.stderr)
			}
			if got := d.stderr.String(); got != tt.stderr {
				t.Errorf("standard error %q, want %q", got, tt.stderr)
			}
			left, err := os.ReadDir(d.dir)
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
			if address := metricsAddress.FindStringSubmatch(d.said.String()); address != nil {
				if c, err := net.Dial("tcp", address[1]); err == nil {
					t.Errorf("the server still listens on %s", c.RemoteAddr())
					c.Close()
				}
			}
			d.noServer()
		})
	}
}

// TestDemoNoticesThatTheServerEnded kills the server of a kept demo.
func TestDemoNoticesThatTheServerEnded(t *testing.T) {
	d := startDemo(t)
	d.until("Press Ctrl-C")
	servers := d.servers()
	if len(servers) != 1 {
		t.Fatalf("servers %v, want one", servers)
	}
	if err := syscall.Kill(servers[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := d.wait(); code != exitFailed || !strings.Contains(d.stderr.String(), "the server ended by itself: signal: killed") {
		t.Errorf("exit code %d, said %q", code, &d.stderr)
	}
}

// runningDemo is `lintel demo --keep` as a process.
type runningDemo struct {
	t       *testing.T
	dir     string
	command *exec.Cmd
	out     *bufio.Reader
	said    strings.Builder
	stderr  strings.Builder
}

func startDemo(t *testing.T) *runningDemo {
	t.Helper()
	d := &runningDemo{t: t, dir: t.TempDir(), command: exec.Command("lintel", "demo", "--keep")}
	d.command.Env = append(os.Environ(), "TMPDIR="+d.dir)
	d.command.Stderr = &d.stderr
	out, err := d.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.out = bufio.NewReader(out)
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	// A demo that hangs ends with the test, and so do its pipes.
	timer := time.AfterFunc(patience, func() { d.command.Process.Kill() })
	t.Cleanup(func() { timer.Stop() })
	return d
}

// until reads what the demo says up to a line that holds text.
func (d *runningDemo) until(text string) {
	d.t.Helper()
	for {
		line, err := d.out.ReadString('\n')
		d.said.WriteString(line)
		if strings.Contains(line, text) {
			return
		}
		if err != nil {
			d.t.Fatalf("it never said %q: %v; it said:\n%s%s", text, err, &d.said, &d.stderr)
		}
	}
}

// wait reads the rest and returns the exit code.
func (d *runningDemo) wait() int {
	d.t.Helper()
	if _, err := io.Copy(&d.said, d.out); err != nil {
		d.t.Fatal(err)
	}
	err := d.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return d.command.ProcessState.ExitCode()
}

// servers returns the process ids of the servers that work in the demo's
// directory, as the environment of each process tells.
func (d *runningDemo) servers() []int {
	d.t.Helper()
	return processes(d.t, "serve", "LINTEL_DATA_DIR="+d.dir)
}

func (d *runningDemo) noServer() {
	d.t.Helper()
	if left := d.servers(); len(left) > 0 {
		d.t.Errorf("processes %v still run", left)
	}
}
