using FsCheck;
using FsCheck.Fluent;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>
/// Random operations, each namespace full of bytes of its own; a crash at every save and every touch of the store. Whatever starts from there
/// shows in each namespace zeroes or its own bytes, and in no two the same place.
/// </summary>
public sealed class CrashSafetyTests
{
    private const int Length = 15 * 4096;

    [Fact]
    public void No_crash_shows_one_namespace_the_data_of_another() =>
        Prop.ForAll<int>(seed => new History(new Random(seed)).Run()).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private sealed class History
    {
        private readonly Random _random;
        private readonly SubsystemFixture _fixture;
        private readonly Dictionary<Guid, byte> _tags = [];
        private byte _lastTag;

        public History(Random random)
        {
            _random = random;
            _fixture = new SubsystemFixture(store: new StoreModel(Length));
            random.NextBytes(_fixture.Store.Bytes);
            _fixture.Records.AfterSave = Crash;
            _fixture.Store.Deallocating = () =>
            {
                Crash();
                _fixture.Store.IsFailing = _random.Next(12) == 0;
            };
        }

        private NvmeSubsystem Subsystem => _fixture.Subsystem;

        public bool Run()
        {
            for (int step = 0; step < 25; step++)
            {
                _fixture.Records.IsFailing = _random.Next(8) == 0;
                SubsystemRecord before = Subsystem.Record;
                NvmeStatus status = Step((uint)_random.Next(1, 6));
                if (_fixture.Records.IsFailing)
                    Assert.True(status != NvmeStatus.Success && ReferenceEquals(before, Subsystem.Record));
                _fixture.Records.IsFailing = false;
                _fixture.Store.IsFailing = false;
                Assert.Equal(Length, Subsystem.UnallocatedCapacity + Subsystem.Allocated.All.Sum(each => each.Capacity));
                Write();
                Crash();
            }

            return true;
        }

        private NvmeStatus Step(uint id)
        {
            ushort controller = (ushort)_random.Next(1, 6);
            switch (_random.Next(7))
            {
                case 0 or 1:
                    return Subsystem.Create((ulong)_random.Next(1, 8), 1, _random.Next(2) == 0, out _);
                case 2:
                    return Subsystem.Delete(_random.Next(10) == 0 ? NvmeSubsystem.AllNamespaces : id) is NvmeStatus.Success and var deleted
                        && !_fixture.Records.IsFailing ? deleted : NvmeStatus.InternalError;
                case 3:
                    return Subsystem.Attach(id, [controller]);
                case 4:
                    return Subsystem.Detach(id, [controller]);
                case 5:
                    return Subsystem.Format([id], _random.Next(2));
                default:
                    NvmeStatus status = Subsystem.Sanitize(2 | 8);
                    Subsystem.Sanitizing.GetAwaiter().GetResult();
                    Subsystem.Sanitize(1);
                    return status;
            }
        }

        /// <summary>Every host fills its namespace with a byte that no namespace had before.</summary>
        private void Write()
        {
            foreach (Namespace each in Subsystem.Allocated.All)
            {
                if (each.CheckWrite(default) != NvmeStatus.Success)
                    continue;
                _tags[each.Uuid] = ++_lastTag == 0 ? _lastTag = 1 : _lastTag;
                _fixture.Fill(each.Id, _tags[each.Uuid]);
            }
        }

        private void Crash()
        {
            SubsystemRecord saved = _fixture.Records.Saved;
            var store = new StoreModel(Length);
            _fixture.Store.Bytes.CopyTo(store.Bytes, 0);
            var again = new SubsystemFixture(_fixture.Settings, store, new RecordsModel { Saved = saved });
            again.Subsystem.Sanitizing.GetAwaiter().GetResult();
            foreach (Namespace each in again.Subsystem.Allocated.All)
            {
                bool isErased = saved.Find(each.Id)!.IsErasing || saved.Sanitize.State == SanitizeState.InProgress;
                byte own = isErased ? (byte)0 : _tags.GetValueOrDefault(each.Uuid);
                foreach (Extent extent in again.Records.Saved.Find(each.Id)!.Extents)
                {
                    ReadOnlySpan<byte> bytes = store.Bytes.AsSpan((int)extent.Offset, (int)extent.Length);
                    Assert.False(bytes.ContainsAnyExcept((byte)0, own));
                }
            }
        }
    }
}
