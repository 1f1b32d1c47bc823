/* SPDX-License-Identifier: Apache-2.0 */
package example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsClient;

/** Takes orders from a queue and writes bills to another. Where the broker is stands in {@code polymq.url}. */
@SpringBootApplication
public class CoffeeShop {
    private final JmsClient jms;

    CoffeeShop(JmsClient jms) {
        this.jms = jms;
    }

    public static void main(String[] arguments) {
        SpringApplication.run(CoffeeShop.class, arguments);
    }

    @JmsListener(destination = "orders")
    void order(String what) {
        jms.destination("bills").send(what + ": 3 euros");
    }
}
