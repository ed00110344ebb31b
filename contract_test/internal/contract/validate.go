package contract

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/routers"
)

// FindRoute returns the operation that a request is for, and the parameters in its path.
func FindRoute(method, path string) (*routers.Route, map[string]string, error) {
	rest, ok := strings.CutPrefix(path, BasePath+"/")
	if !ok {
		return nil, nil, fmt.Errorf("%s is not below %s", path, BasePath)
	}
	have := strings.Split(rest, "/")
next:
	for _, op := range Operations() {
		want := strings.Split(strings.TrimPrefix(op.Path, "/"), "/")
		if op.Method != method || len(want) != len(have) {
			continue
		}
		params := map[string]string{}
		for i := range want {
			if name, ok := strings.CutPrefix(want[i], "{"); ok {
				params[strings.TrimSuffix(name, "}")] = have[i]
			} else if want[i] != have[i] {
				continue next
			}
		}
		return &routers.Route{Spec: Document(), Path: op.Path, PathItem: op.Item, Method: method, Operation: op.Operation}, params, nil
	}
	return nil, nil, fmt.Errorf("the contract has no %s %s", method, path)
}

// ValidateRequest validates a request and returns its body as kin-openapi decoded it.
func ValidateRequest(r *http.Request, body []byte) (decoded any, err error) {
	route, params, err := FindRoute(r.Method, r.URL.Path)
	if err != nil {
		return nil, err
	}
	return Published.Request(r, body, route, params)
}

// ValidateResponse validates a response. A status that the operation does not declare is an error.
func ValidateResponse(r *http.Request, status int, header http.Header, body []byte) error {
	route, params, err := FindRoute(r.Method, r.URL.Path)
	if err != nil {
		return err
	}
	return Published.Response(r, status, header, body, route, params)
}
