/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/variables.h"

/* As in Suricata's own configuration, and IPv6's private networks. */
static const struct rule_variable addresses[] = {
    {"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12,fc00::/7,fe80::/10]"},
    {"EXTERNAL_NET", "!$HOME_NET"},
    {"HTTP_SERVERS", "$HOME_NET"},
    {"SMTP_SERVERS", "$HOME_NET"},
    {"SQL_SERVERS", "$HOME_NET"},
    {"DNS_SERVERS", "$HOME_NET"},
    {"TELNET_SERVERS", "$HOME_NET"},
    {"AIM_SERVERS", "$EXTERNAL_NET"},
    {"DC_SERVERS", "$HOME_NET"},
    {"DNP3_SERVER", "$HOME_NET"},
    {"DNP3_CLIENT", "$HOME_NET"},
    {"MODBUS_CLIENT", "$HOME_NET"},
    {"MODBUS_SERVER", "$HOME_NET"},
    {"ENIP_CLIENT", "$HOME_NET"},
    {"ENIP_SERVER", "$HOME_NET"},
};

static const struct rule_variable ports[] = {
    {"HTTP_PORTS", "80"},
    {"SHELLCODE_PORTS", "!80"},
    {"ORACLE_PORTS", "1521"},
    {"SSH_PORTS", "22"},
    {"DNP3_PORTS", "20000"},
    {"MODBUS_PORTS", "502"},
    {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
    {"FTP_PORTS", "21"},
    {"GENEVE_PORTS", "6081"},
    {"VXLAN_PORTS", "4789"},
    {"TEREDO_PORTS", "3544"},
};

static struct bytes
find(const struct rule_variable *variables, size_t len, struct bytes name)
{
    for (size_t i = 0; i < len; i++)
        if (bytes_equal_string(name, variables[i].name))
            return bytes_from_string(variables[i].value);
    return (struct bytes){0};
}

struct bytes
variable_address(const struct rule_variables *variables, struct bytes name)
{
    struct bytes own = {0};
    if (variables)
        own = find(variables->addresses, variables->addresses_len, name);
    return own.len ? own : find(addresses, sizeof addresses / sizeof *addresses, name);
}

struct bytes
variable_port(const struct rule_variables *variables, struct bytes name)
{
    struct bytes own = {0};
    if (variables)
        own = find(variables->ports, variables->ports_len, name);
    return own.len ? own : find(ports, sizeof ports / sizeof *ports, name);
}
