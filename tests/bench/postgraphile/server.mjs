// PostGraphile 5, one process, its Amber preset: what its own quick start gives, with the caller from the
// request for row level security. Connects as a role that owns nothing, so that the policies hold.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      poolConfig: { host: process.env.SOCKETS, database: process.env.DATABASE, user: "peer", max: 8 },
      schemas: ["public"],
    }),
  ],
  grafserv: { port: Number(process.env.PORT), graphiql: false, watch: false, websockets: false },
  grafast: {
    explain: false,
    context: (request) => ({ pgSettings: { "peer.me": request.node?.req.headers.authorization ?? "0" } }),
  },
  schema: { exportSchemaSDLPath: process.env.SDL },
};
const serving = postgraphile(preset).createServ(grafserv);
const server = createServer();
await serving.addTo(server);
server.listen(preset.grafserv.port, "127.0.0.1");
