package tgo_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

func init() {
	if os.Getenv("TGO_BENCH_SERVER") != "" {
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		os.Stdout.WriteString("http://" + l.Addr().String() + "\n")
		body := []byte(sent(7))
		http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(201)
			w.Write(body)
		}))
	}
}

func benchServer(b *testing.B) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TGO_BENCH_SERVER=1")
	out, _ := cmd.StdoutPipe()
	cmd.Start()
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line)
}

func BenchmarkHand(b *testing.B) {
	url := benchServer(b) + "/api/v1/messages"
	type msg struct {
		SenderPhone string `json:"sender_phone,omitempty"`
		ToPhone     string `json:"to_phone"`
		Type        string `json:"type"`
		Content     string `json:"content"`
	}
	type res struct {
		Data tgo.Receipt `json:"data"`
	}
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	b.ReportAllocs()
	for b.Loop() {
		body, _ := json.Marshal(msg{SenderPhone: testSender, ToPhone: testRecipient, Type: "text", Content: "Your code is 4821"})
		req, _ := http.NewRequestWithContext(context.Background(), "POST", url, bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		req.Header.Set("X-Api-Key", testKey)
		resp, err := c.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		var r res
		if err := json.Unmarshal(data, &r); err != nil || r.Data.ID != 7 {
			b.Fatal(err)
		}
	}
}

func BenchmarkTgo(b *testing.B) {
	client, _ := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL(benchServer(b)))
	s := client.FromPhone(testSender)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.SendText(context.Background(), testRecipient, "Your code is 4821"); err != nil {
			b.Fatal(err)
		}
	}
}
