package tgotest

import (
	"fmt"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// warnOf tells of something in a request that works here and need not elsewhere.
func (s *Server) warnOf(c *call, field, message string) {
	traffic.NoteWarning(c.Request, field, message)
	s.warn(c.route.Method + " " + contract.BasePath + c.route.Path + ": " + message)
}

// maxWarnings is after how many different warnings no more are told.
const maxWarnings = 100

// warn tells Config.Warn of something, once.
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

// warnOfHost tells that a request names a host that the fake does not answer to, and how to change that.
func (s *Server) warnOfHost(host string) {
	name := web.HostName(host)
	flag := name
	if name == "" || len(name) > contract.MaxEcho || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789.:-_") != "" {
		flag = "HOST" // nothing to paste into a shell
	}
	s.warn(fmt.Sprintf("no tenant has the host %q, so a request to it was answered 404: tgo fake --tenant %s, or Config.Tenants, adds it", contract.Echo(name), flag))
}
