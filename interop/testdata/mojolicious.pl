# Echo server with Mojolicious. The arguments are the files of a certificate and
# its key; what it prints and which queries it knows is in echo.py.
use Mojolicious::Lite -signatures;
use Mojo::Server::Daemon;
use Mojo::URL;

my ($cert, $key) = @ARGV;
$| = 1;

websocket '/' => sub ($c) {
    $c->tx->max_websocket_size(64 << 20);
    $c->on(text   => sub ($c, $bytes) { $c->send({text   => $bytes}) });
    $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
    if (my $code = $c->param('close')) {
        $c->finish($code => $c->param('reason'));
    }
};

app->mode('production');
app->log->level('warn');

my $tls = Mojo::URL->new('https://127.0.0.1:0')->query(cert => $cert, key => $key);
my $daemon = Mojo::Server::Daemon->new(app => app, listen => ['http://127.0.0.1:0', "$tls"], silent => 1);
my ($ws, $wss) = @{$daemon->start->ports};
print "ws $ws\nwss $wss\nready\n";
$daemon->ioloop->start;
