// Package browser_test drives the inbox page and the API reference of the fake server in a real browser.
package browser_test
