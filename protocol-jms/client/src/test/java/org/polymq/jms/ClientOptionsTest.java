/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ClientOptionsTest {

    @Test
    void pinsEveryDefault() {
        ClientOptions options = ClientOptions.parse("polymq://broker");

        assertThat(options.addresses()).containsExactly(InetSocketAddress.createUnresolved("broker", 10911));
        assertThat(options.clientId()).isNull();
        assertThat(options.user()).isNull();
        assertThat(options.password()).isNull();
        assertThat(options.prefetch()).isEqualTo(256);
        assertThat(options.prefetchBytes()).isEqualTo(1 << 20);
        assertThat(options.connectTimeout()).isEqualTo(10_000);
        assertThat(options.requestTimeout()).isEqualTo(30_000);
        assertThat(options.heartbeat()).isEqualTo(30_000);
        assertThat(options.trusted().packages()).isEmpty();
    }

    @Test
    void readsHostsAndOptions() {
        ClientOptions options = ClientOptions.parse(
                "polymq://a:1,[::1]:2?clientId=c%201&user=u&password=p%26q&prefetch=0&trustedPackages=a,b.c");

        assertThat(options.addresses())
                .containsExactly(
                        InetSocketAddress.createUnresolved("a", 1), InetSocketAddress.createUnresolved("::1", 2));
        assertThat(options.clientId()).isEqualTo("c 1");
        assertThat(options.password()).isEqualTo("p&q");
        assertThat(options.prefetch()).isZero();
        assertThat(options.trusted().packages()).containsExactly("a", "b.c");
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> ClientOptions.parse("tcp://a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("polymq://");
        assertThatThrownBy(() -> ClientOptions.parse("polymq://a?prefech=1"))
                .hasMessageContaining("unknown option prefech")
                .hasMessageContaining("prefetch");
        assertThatThrownBy(() -> ClientOptions.parse("polymq://a?prefetch=x")).hasMessageContaining("prefetch");
        assertThatThrownBy(() -> ClientOptions.parse("polymq://a:70000")).hasMessageContaining("65535");
        assertThatThrownBy(() -> ClientOptions.parse("polymq://")).hasMessageContaining("host");
    }

    @Test
    void trustsAPackageAndWhatIsBelowIt() {
        TrustedClasses trusted =
                ClientOptions.parse("polymq://a?trustedPackages=org.example").trusted();

        assertThat(trusted.isTrusted("org.example.Order")).isTrue();
        assertThat(trusted.isTrusted("org.example.sub.Order")).isTrue();
        assertThat(trusted.isTrusted("org.example2.Order")).isFalse();
    }
}
