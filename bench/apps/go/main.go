// Go's program: net/http and encoding/json of the standard library, validation by hand.
// Run as `program WORKLOAD PORT`; one core does the work, as everywhere in the bench.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
)

const routes = 200

type item struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
}

type line struct {
	SKU      string  `json:"sku"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"`
}

type address struct {
	Street string `json:"street"`
	City   string `json:"city"`
	Zip    string `json:"zip"`
}

type order struct {
	Customer string  `json:"customer"`
	Email    string  `json:"email"`
	Address  address `json:"address"`
	Lines    []line  `json:"lines"`
	Note     *string `json:"note"`
}

func write(w http.ResponseWriter, value any) {
	content, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(content)
}

func wrong(w http.ResponseWriter, what string) {
	http.Error(w, what, http.StatusUnprocessableEntity)
}

func readItem(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("item_id"))
	query := r.URL.Query()
	limit := 10
	if said := query.Get("limit"); err == nil && said != "" {
		limit, err = strconv.Atoi(said)
	}
	if err != nil || limit < 1 || !query.Has("q") {
		wrong(w, "item_id, q, limit")
		return
	}
	write(w, item{id, query.Get("q"), float64(limit) + 0.5, []string{"new"}})
}

func createOrder(w http.ResponseWriter, r *http.Request) {
	var given order
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil || given.Customer == "" {
		wrong(w, "order")
		return
	}
	write(w, given)
}

func readOne(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("item_id"))
	if err != nil {
		wrong(w, "item_id")
		return
	}
	write(w, map[string]int{"id": id})
}

func main() {
	runtime.GOMAXPROCS(1)
	mux := http.NewServeMux()
	switch os.Args[1] {
	case "json":
		mux.HandleFunc("GET /json", func(w http.ResponseWriter, r *http.Request) {
			write(w, map[string]string{"message": "hello"})
		})
	case "items":
		mux.HandleFunc("GET /items/{item_id}", readItem)
	case "orders":
		mux.HandleFunc("POST /orders", createOrder)
	case "list":
		items := make([]item, 100)
		for n := range items {
			items[n] = item{n, fmt.Sprintf("item %d", n), float64(n) + 0.5, []string{"new", "blue"}}
		}
		mux.HandleFunc("GET /list", func(w http.ResponseWriter, r *http.Request) { write(w, items) })
	case "many":
		for number := 0; number < routes; number++ {
			mux.HandleFunc(fmt.Sprintf("GET /kind%d/{item_id}", number), readOne)
		}
	}
	if err := http.ListenAndServe("127.0.0.1:"+os.Args[2], mux); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
