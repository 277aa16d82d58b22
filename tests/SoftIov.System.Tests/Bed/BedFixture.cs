using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Bed;

/// <summary>The bed, prepared once for all tests. System tests run one after another: guests are emulated on few cores.</summary>
public sealed class BedFixture : IAsyncLifetime
{
    private VmBed? _bed;

    /// <summary>The bed.</summary>
    public VmBed Bed => _bed ?? throw new InvalidOperationException("the bed is not prepared");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var progress = new ConsoleProgress();
        _bed = await VmBed.PrepareAsync(progress, CancellationToken.None, GuestKernel.Stable, GuestKernel.Newer);
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    private sealed class ConsoleProgress : IProgress<BedProgress>
    {
        private string _last = "";

        public void Report(BedProgress value)
        {
            if (value.Step != _last)
            {
                _last = value.Step;
                Console.WriteLine($"[test bed] {value.Step}");
            }
        }
    }
}
