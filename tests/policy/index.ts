/** One resource for each rule of the policy pack, each breaking that rule and no other. */
import * as docker from "@pulumi/docker";
import * as openstack from "@pulumi/openstack";

const labels = ["lab", "pipeline", "project", "role", "stack"].map((name) => ({
  label: `edgelab.${name}`,
  value: name === "role" ? "data" : "careless",
}));
const provider = new docker.Provider("docker", { host: "unix:///var/run/docker.sock" });

new docker.Container(
  "exposed",
  { name: "exposed", image: "none", labels, ports: [{ internal: 80, external: 80, ip: "0.0.0.0" }] },
  { provider },
);
new docker.Container(
  "talkative",
  { name: "talkative", image: "none", labels, envs: ["MQTT_PASSWORD=hunter2"] },
  { provider },
);
new docker.Volume("unmarked", { name: "unmarked", labels: [] }, { provider });
const cloud = new openstack.Provider("cloud", { authUrl: "http://127.0.0.1:1/v3" });
new openstack.blockstorage.Volume(
  "volatile",
  { size: 1, metadata: { "edgelab.project": "careless", "edgelab.stack": "careless" } },
  { provider: cloud },
);
new openstack.networking.SecGroupRule(
  "welcoming",
  {
    direction: "ingress",
    ethertype: "IPv4",
    protocol: "tcp",
    portRangeMin: 9092,
    portRangeMax: 9092,
    remoteIpPrefix: "0.0.0.0/0",
    securityGroupId: "none",
  },
  { provider: cloud },
);
