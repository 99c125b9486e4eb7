// A plain net.Server that echoes, and throws when told to.
import net from "node:net";

export default net.createServer((socket) => {
  if (socket.remotePort === 0) throw new Error("unreachable");
  socket.on("data", (data) => {
    if (String(data) === "destroy") socket.destroy(new Error("destroyed by the service"));
    else socket.write(data);
  });
});
