package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// binaryProbeBytes is how far git looks for a NUL byte to tell binary from
// text (buffer_is_binary in git's xdiff-interface.c).
const binaryProbeBytes = 8000

// ReadBlob returns the content of a blob and its size in bytes. A blob larger
// than max is not read: data is nil then and size tells why. It fails with
// ErrMissingObject when the repository has no such object.
func (r *Repository) ReadBlob(ctx context.Context, id string, max int64) (data []byte, size int64, err error) {
	if err := r.checkOwnID(id); err != nil {
		return nil, 0, err
	}
	err = r.reader.use(ctx, func(c *catFile) error {
		found, err := c.ask("info", id)
		if err != nil {
			return err
		}
		if found.kind != "blob" {
			return fmt.Errorf("it is a %s, not a blob", found.kind)
		}
		size, data = found.size, nil
		if size > max {
			return nil
		}
		data, err = c.contents(id, found)
		return err
	})
	if errors.Is(err, errProtocol) {
		err = r.judge(ctx, err)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read blob %s: %w", id, err)
	}
	return data, size, nil
}

// IsBinary reports whether git takes a blob for binary: it has a NUL byte
// among its first 8,000 bytes. It is for blobs too large to be read whole; only
// that beginning is read.
func (r *Repository) IsBinary(ctx context.Context, id string) (bool, error) {
	if err := r.checkOwnID(id); err != nil {
		return false, err
	}
	if _, err := r.info(ctx, id); err != nil {
		return false, fmt.Errorf("read blob %s: %w", id, err)
	}
	binary := false
	probe := func(out io.Reader) error {
		start := make([]byte, binaryProbeBytes)
		n, err := io.ReadFull(out, start)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return err
		}
		binary = hasNUL(start[:n])
		return errEnough
	}
	if err := r.objects.stream(ctx, nil, probe, "cat-file", "blob", id); err != nil && !errors.Is(err, errEnough) {
		err = r.judge(ctx, err)
		return false, fmt.Errorf("read the start of blob %s: %w", id, err)
	}
	return binary, nil
}

// errEnough ends a git command whose further output is not wanted.
var errEnough = errors.New("enough was read")

func hasNUL(data []byte) bool {
	for _, b := range data {
		if b == 0 {
			return true
		}
	}
	return false
}

// info returns kind and size of an object.
func (r *Repository) info(ctx context.Context, id string) (found header, err error) {
	if err := r.checkOwnID(id); err != nil {
		return header{}, err
	}
	err = r.reader.use(ctx, func(c *catFile) error {
		found, err = c.ask("info", id)
		return err
	})
	return found, err
}

// checkOwnID checks that id is a full object id of this repository's kind.
func (r *Repository) checkOwnID(id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	if len(id) != r.digits {
		return fmt.Errorf("object id %s has %d digits, those of this repository have %d", id, len(id), r.digits)
	}
	return nil
}

// objectReader shares one `git cat-file` process between goroutines, starts it
// when it is first needed and again when it died.
type objectReader struct {
	git *git
	// turn is held by whoever talks to the process.
	turn    chan struct{}
	process *catFile
	closed  bool
}

func newObjectReader(g *git) *objectReader {
	return &objectReader{git: g, turn: make(chan struct{}, 1)}
}

// use runs talk with the process. When the process fails in the middle, it is
// replaced and talk runs once more: reading has no side effects.
func (o *objectReader) use(ctx context.Context, talk func(*catFile) error) error {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := o.once(ctx, talk)
	if errors.Is(err, errProtocol) && ctx.Err() == nil {
		err = o.once(ctx, talk)
	}
	return err
}

func (o *objectReader) once(ctx context.Context, talk func(*catFile) error) error {
	if o.closed {
		return errors.New("the repository is closed")
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if o.process == nil {
		process, err := startCatFile(o.git)
		if err != nil {
			return err
		}
		o.process = process
	}
	process := o.process
	keepAlive := context.AfterFunc(ctx, process.kill)
	err := talk(process)
	cancelled := !keepAlive()
	if !cancelled && !errors.Is(err, errProtocol) {
		return err
	}
	o.process = nil
	said := process.end()
	switch {
	case cancelled && err != nil:
		return context.Cause(ctx)
	case err != nil && said != "":
		return fmt.Errorf("%w (%s)", err, said)
	}
	return err
}

// close ends the process; a read that is under way is waited for.
func (o *objectReader) close() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.closed = true
	if o.process != nil {
		o.process.end()
		o.process = nil
	}
}
