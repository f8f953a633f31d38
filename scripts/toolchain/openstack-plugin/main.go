// Pulumi's OpenStack provider, for machines where the official plugin cannot be had: the same Terraform provider behind
// the same bridge as the npm package @pulumi/openstack 3.15.2 expects, for the resources that the program uses.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/openstack"
)

const name = "openstack"

// Terraform's name of each resource, and the npm package's.
var resources = map[string]string{
	"openstack_blockstorage_volume_v3":             "blockstorage/volume:Volume",
	"openstack_compute_floatingip_associate_v2":    "compute/floatingIpAssociate:FloatingIpAssociate",
	"openstack_compute_instance_v2":                "compute/instance:Instance",
	"openstack_compute_keypair_v2":                 "compute/keypair:Keypair",
	"openstack_compute_servergroup_v2":             "compute/serverGroup:ServerGroup",
	"openstack_compute_volume_attach_v2":           "compute/volumeAttach:VolumeAttach",
	"openstack_networking_floatingip_associate_v2": "networking/floatingIpAssociate:FloatingIpAssociate",
	"openstack_networking_floatingip_v2":           "networking/floatingIp:FloatingIp",
	"openstack_networking_network_v2":              "networking/network:Network",
	"openstack_networking_port_v2":                 "networking/port:Port",
	"openstack_networking_router_interface_v2":     "networking/routerInterface:RouterInterface",
	"openstack_networking_router_v2":               "networking/router:Router",
	"openstack_networking_secgroup_rule_v2":        "networking/secGroupRule:SecGroupRule",
	"openstack_networking_secgroup_v2":             "networking/secGroup:SecGroup",
	"openstack_networking_subnet_v2":               "networking/subnet:Subnet",
}

var functions = map[string]string{
	"openstack_compute_flavor_v2":     "compute/getFlavor:getFlavor",
	"openstack_images_image_v2":       "images/getImage:getImage",
	"openstack_networking_network_v2": "networking/getNetwork:getNetwork",
}

func provider() tfbridge.ProviderInfo {
	upstream := openstack.Provider()
	// Terraform warns of a deprecated setting also where it has its default, which nobody has set.
	upstream.Schema["use_octavia"].Deprecated = ""
	info := tfbridge.ProviderInfo{
		P:           shim.NewProvider(upstream),
		Name:        name,
		Version:     "3.15.2",
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for terraform, token := range resources {
		resource := &tfbridge.ResourceInfo{Tok: tokens.Type(name + ":" + token)}
		// As in the official plugin, a resource without a name is named after the program's.
		if schema := info.P.ResourcesMap().Get(terraform).Schema(); schema != nil {
			if field, has := schema.GetOk("name"); has && !field.Computed() || has && field.Optional() {
				resource.Fields = map[string]*tfbridge.SchemaInfo{"name": tfbridge.AutoName("name", 255, "-")}
			}
		}
		info.Resources[terraform] = resource
	}
	for terraform, token := range functions {
		info.DataSources[terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(name + ":" + token)}
	}
	return info
}

func main() {
	tfbridge.Main(name, "3.15.2", provider(), []byte("{}"))
}
