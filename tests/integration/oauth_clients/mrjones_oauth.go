// github.com/mrjones/oauth
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/mrjones/oauth"
)

func printBody(response *http.Response, err error) {
	if err != nil {
		log.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	fmt.Println(string(body))
}

func main() {
	base, key, secret, callback, odd, tag := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	consumer := oauth.NewConsumer(key, secret, oauth.ServiceProvider{
		RequestTokenUrl:   base + "/v1/oauth/request_token/",
		AuthorizeTokenUrl: base + "/v1/oauth/authorize/",
		AccessTokenUrl:    base + "/v1/oauth/access_token/",
	})
	consumer.AdditionalParams = map[string]string{"scope": "photos"}
	requestToken, url, err := consumer.GetRequestTokenAndUrl(callback)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(url)
	verifier, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	token, err := consumer.AuthorizeToken(requestToken, strings.TrimSpace(verifier))
	if err != nil {
		log.Fatal(err)
	}
	photos := base + "/v1/oauth/photos/"
	printBody(consumer.Get(photos, map[string]string{}, token))
	printBody(consumer.Get(photos, map[string]string{"query": odd}, token))
	printBody(consumer.PostForm(photos, map[string]string{"query": tag}, token))
	printBody(consumer.PostForm(base+"/v1/oauth/user/", map[string]string{}, token))
}
