package tgotest

import (
	"fmt"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// warnOf warns of something in a request that works here and may not work elsewhere.
func (s *Server) warnOf(c *call, field, message string) {
	traffic.NoteWarning(c.Request, field, message)
	s.warn(c.route.Method + " " + contract.BasePath + c.route.Path + ": " + message)
}

// maxWarnings is the number of different warnings after which no more are given.
const maxWarnings = 100

// warn calls Config.Warn, once for each message.
func (s *Server) warn(message string) {
	s.warned.Lock()
	known := s.warned.of[message] || len(s.warned.of) == maxWarnings
	if !known {
		s.warned.of[message] = true
	}
	s.warned.Unlock()
	if !known && s.cfg.Warn != nil {
		s.cfg.Warn(message)
	}
}

// warnOfHost warns that a request names a host that the fake does not serve, and how to change that.
func (s *Server) warnOfHost(host string) {
	name := web.HostName(host)
	flag := name
	if name == "" || len(name) > contract.MaxEcho || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789.:-_") != "" {
		flag = "HOST" // nothing to paste into a shell
	}
	s.warn(fmt.Sprintf("no tenant has the host %q, so a request to it got a 404: add it with tgo fake --tenant %s, or Config.Tenants", contract.Echo(name), flag))
}
