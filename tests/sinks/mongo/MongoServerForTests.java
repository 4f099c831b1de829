import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.h2.mvstore.MVStore;

/** PORT FILE [KEYSTORE]: serves 127.0.0.1:PORT from FILE; with a key store by TLS alone. */
public final class MongoServerForTests {
  public static void main(String[] arguments) throws Exception {
    MongoServer server = new MongoServer(new CommittingBackend(arguments[1]));
    if (arguments.length > 2) {
      char[] password = "weir-tests".toCharArray();
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = new FileInputStream(arguments[2])) {
        keys.load(in, password);
      }
      String name = keys.aliases().nextElement();
      server.enableSsl(
          (PrivateKey) keys.getKey(name, password), null, (X509Certificate) keys.getCertificate(name));
    }
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    Thread.currentThread().join();
  }

  /**
   * What it acknowledges is in the file: a kill loses nothing that a client was told is written. And
   * nothing else is: one message at a time, and no commit in the middle of one, which would leave a
   * document without its place in an index.
   */
  private static final class CommittingBackend extends H2Backend {
    CommittingBackend(String file) {
      super(new MVStore.Builder().fileName(file).autoCommitDisabled().open());
    }

    @Override
    public synchronized Document handleMessage(MongoMessage message) {
      Document answer = super.handleMessage(message);
      commit();
      return answer;
    }
  }
}
