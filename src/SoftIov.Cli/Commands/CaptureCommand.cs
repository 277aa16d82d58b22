using System.CommandLine;
using System.Runtime.CompilerServices;
using SoftIov.Api;
using SoftIov.Cli.Capture;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov capture</c>: frames of a port as a pcap file.</summary>
internal sealed class CaptureCommand : CliCommand
{
    private const int LargestSnapLength = 262144;

    private readonly Argument<string> _target = Target("A VF (net0/3), the PF (net0/pf) or the uplink (net0/uplink).");

    private readonly Option<string> _file = new("--write", "-w")
    {
        Description = "File to write in pcap format; - writes to standard output, for a pipe.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<long> _count = new("--count", "-c")
    {
        Description = "End after so many frames.",
        HelpName = "COUNT",
        DefaultValueFactory = _ => long.MaxValue,
    };

    private readonly Option<int> _snap = new("--snaplen", "-s")
    {
        Description = "Bytes kept of every frame. Default: 262144, all of it.",
        HelpName = "BYTES",
        DefaultValueFactory = _ => LargestSnapLength,
    };

    private readonly Option<double?> _duration = new("--duration") { Description = "End after so many seconds.", HelpName = "SECONDS" };

    /// <summary>The command.</summary>
    public CaptureCommand(CommandContext context)
        : base("capture", "Record the frames of a function or of the uplink.", context)
    {
        Details = "Records until Ctrl-C, --count or --duration, and then says on standard error how many frames were captured and how many " +
            "were lost because writing was too slow; forwarding never waits for a capture. The file is what tcpdump and Wireshark read. " +
            "Frames stand in it as the function sees them: before segmentation, without the tag of a port VLAN. What a function sent is " +
            "there even when policy dropped it.";
        Examples =
        [
            ("softiov capture net0/3 -w vf3.pcap", "to a file, until Ctrl-C"),
            ("softiov capture net0/3 -w - | tcpdump -nr -", "live, through tcpdump"),
            ("softiov capture net0/uplink -w up.pcap -c 100 -s 128", "100 frames, headers only"),
        ];
        _snap.Validators.Add(r => Bounds.Check(r, 14, LargestSnapLength));
        _count.Validators.Add(r => Bounds.Check(r, 1, int.MaxValue));
        _duration.Validators.Add(r => Bounds.CheckSeconds(r));
        _target.CompletionSources.Add(at => context.Candidates.Ports(at, _target));
        Add(_target);
        Add(_file);
        Add(_count);
        Add(_snap);
        Add(_duration);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string file = parse.GetRequiredValue(_file);
        if (file == "-" && Terminal.IsInteractive)
        {
            Terminal.Error.WriteLine("error: a capture is no text for a terminal");
            Terminal.Error.WriteLine($"  fix: softiov capture {parse.GetValue(_target)} -w - | tcpdump -nr -");
            return ExitCode.Usage;
        }

        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        var frames = new PcapFrames(parse.GetValue(_count));
        var request = new CaptureRequest(parse.GetRequiredValue(_target), parse.GetValue(_snap));
        long dropped = 0;
        try
        {
            IAsyncEnumerable<CaptureChunk> chunks = await client.StartCaptureAsync(request, cancellationToken).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (parse.GetValue(_duration) is { } seconds)
            {
                end.CancelAfter(TimeSpan.FromSeconds(seconds)); // of recording: the daemon may have taken its time to begin
            }

            dropped = await WriteAsync(chunks.WithCancellation(end.Token), file, frames).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C before it began
        }

        Terminal.Error.WriteLine($"{frames.Count} frames captured, {dropped} dropped");
        return ExitCode.Ok;
    }

    private async Task<long> WriteAsync(ConfiguredCancelableAsyncEnumerable<CaptureChunk> chunks, string file, PcapFrames frames)
    {
        Stream? output = null;
        long dropped = 0;
        try
        {
            // A capture that is cancelled still hands over what it has: its pieces are written to the end.
            await foreach (CaptureChunk chunk in chunks.ConfigureAwait(false))
            {
                output ??= Open(file);
                dropped = chunk.Dropped;
                await output.WriteAsync(chunk.Data.AsMemory(0, frames.Take(chunk.Data)), CancellationToken.None).ConfigureAwait(false);
                if (frames.IsComplete)
                {
                    break;
                }
            }
        }
        catch (IOException error) when (CommandLine.IsReaderGone(error))
        {
            // The reader of the pipe has seen enough.
        }
        finally
        {
            if (output is not null)
            {
                await output.DisposeAsync().ConfigureAwait(false);
            }
        }

        return dropped;
    }

    private Stream Open(string file) =>
        file == "-" ? Terminal.RawOut() : new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
}
