package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	body, _ := json.Marshal(map[string]string{"sender_phone": "+201001187188", "to_phone": "+201010000000", "type": "text", "content": "Hello"})
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://"+os.Args[1]+"/api/v1/messages", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", os.Args[2])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	answer, _ := io.ReadAll(resp.Body)
	var receipt struct {
		Data struct{ ID int64 }
	}
	fmt.Println(json.Unmarshal(answer, &receipt), receipt)
}
