// A plain net.Server that writes more at once than the kernel takes.
import net from "node:net";

export default net.createServer((socket) => {
  socket.write(Buffer.alloc(64 * 1024 * 1024));
});
