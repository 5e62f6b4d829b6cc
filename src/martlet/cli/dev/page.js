// Reloads the page of an app that does not start once there is another state of the code to be served: the answer to
// this request comes when `martlet dev` starts anew, and not before.
const wait = () =>
  fetch(location.href, { headers: { "martlet-wait": "1" }, cache: "no-store" }).then(
    () => location.reload(),
    () => setTimeout(wait, 1000),
  );
wait();
