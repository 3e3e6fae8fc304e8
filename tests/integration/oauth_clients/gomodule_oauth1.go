// github.com/gomodule/oauth1
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/gomodule/oauth1/oauth"
)

func printBody(response *http.Response, err error) {
	if err != nil {
		log.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	fmt.Println(string(body))
}

func main() {
	base, callback, odd, tag := os.Args[1], os.Args[4], os.Args[5], os.Args[6]
	client := oauth.Client{
		Credentials:                   oauth.Credentials{Token: os.Args[2], Secret: os.Args[3]},
		TemporaryCredentialRequestURI: base + "/v1/oauth/request_token/",
		ResourceOwnerAuthorizationURI: base + "/v1/oauth/authorize/",
		TokenRequestURI:               base + "/v1/oauth/access_token/",
	}
	requestToken, err := client.RequestTemporaryCredentials(nil, callback, url.Values{"scope": {"photos"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.AuthorizationURL(requestToken, nil))
	verifier, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	token, _, err := client.RequestToken(nil, requestToken, strings.TrimSpace(verifier))
	if err != nil {
		log.Fatal(err)
	}
	photos := base + "/v1/oauth/photos/"
	printBody(client.Get(nil, token, photos, nil))
	printBody(client.Get(nil, token, photos, url.Values{"query": {odd}}))
	printBody(client.Post(nil, token, photos, url.Values{"query": {tag}}))
	printBody(client.Post(nil, token, base+"/v1/oauth/user/", nil))
}
