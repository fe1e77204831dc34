// A real Bluesky PDS on 127.0.0.1, with a directory of its own in memory: node pds.mjs MODULES PLC_PORT PDS_PORT
// Prints one line of JSON when it is ready; ends when its standard input does.
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [modules, plcPort, pdsPort] = process.argv.slice(2)

// It would listen on every interface.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number') return listen.call(this, first, '127.0.0.1', ...rest.filter((one) => typeof one === 'function'))
  return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
}

const require = createRequire(path.join(modules, 'package.json'))
const { TestNetworkNoAppView } = await import(pathToFileURL(require.resolve('@atproto/dev-env')).href)
const network = await TestNetworkNoAppView.create({
  plc: { port: Number(plcPort) },
  pds: { port: Number(pdsPort), hostname: 'localhost' },
})
console.log(JSON.stringify({ ready: true, url: network.pds.url }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
