// Command lintel-bench measures lintel on the machine it runs on.
package main

import (
	"os"

	"github.com/alecthomas/kong"
)

type commandLine struct {
	Webhook webhookCommand `cmd:"" default:"1" help:"Deliveries a second, and how soon they are answered."`
}

type webhookCommand struct{}

// Run measures.
func (webhookCommand) Run() error { return benchWebhook(os.Stdout) }

func main() {
	var c commandLine
	parsed := kong.Parse(&c, kong.Name("lintel-bench"), kong.Description("Measures lintel on this machine."))
	parsed.FatalIfErrorf(parsed.Run())
}
