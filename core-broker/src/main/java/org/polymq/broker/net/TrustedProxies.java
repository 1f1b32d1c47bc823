/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;

/** The addresses whose word about their clients is taken, by the PROXY protocol. Immutable. */
public final class TrustedProxies {
    /** Nobody's word is taken. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<IpSubnetFilterRule> networks;

    private TrustedProxies(List<IpSubnetFilterRule> networks) {
        this.networks = networks;
    }

    /**
     * The proxies of these addresses and networks.
     *
     * @throws IllegalArgumentException if one is neither {@code 10.1.2.3} nor {@code 10.0.0.0/8} nor the like of IPv6
     */
    public static TrustedProxies of(List<String> networks) {
        return new TrustedProxies(networks.stream().map(TrustedProxies::rule).toList());
    }

    private static IpSubnetFilterRule rule(String network) {
        int slash = network.indexOf('/');
        String address = slash < 0 ? network : network.substring(0, slash);
        int whole = NetUtil.isValidIpV4Address(address) ? 32 : 128;
        int prefix = slash < 0 ? whole : Integer.parseInt(network.substring(slash + 1));
        return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
    }

    boolean trusts(InetSocketAddress remote) {
        return networks.stream().anyMatch(network -> network.matches(remote));
    }
}
