// Starts GraphiQL on this server. The Authorization header of the headers tab also opens subscriptions.
const address = new URL("/graphql", location.href);
const socketAddress = new URL(address);
socketAddress.protocol = address.protocol === "https:" ? "wss:" : "ws:";

let authorization;
const fetcher = (parameters, options) => {
  const headers = options?.headers ?? {};
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "authorization");
  const current = name ? headers[name] : undefined;
  if (!fetcher.inner || current !== authorization) {
    authorization = current;
    fetcher.inner = GraphiQL.createFetcher({
      url: address.href,
      subscriptionUrl: socketAddress.href,
      wsConnectionParams: current ? { Authorization: current } : {},
    });
  }
  return fetcher.inner(parameters, options);
};

const defaultQuery = `# One graph for the whole group. Ctrl-Space completes, Ctrl-Enter runs.
# Sign in with the mutation signIn, then put the token into the headers tab below:
#   { "Authorization": "Bearer TOKEN" }
`;

ReactDOM.createRoot(document.getElementById("explorer")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery, shouldPersistHeaders: false, defaultEditorToolsVisibility: "headers" }),
);
